/** Training state on storage: manifest, shards by parameter name, atomic commit. */
package dev.penstock.engine.checkpoint;
