/** The training loop of one rank, and what its host supplies: microbatches in, progress out. */
package dev.penstock.engine.train;
