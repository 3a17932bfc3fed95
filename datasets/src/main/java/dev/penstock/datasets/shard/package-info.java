/** Token sequences on storage: shard files, the manifest that commits them, and their readers. */
package dev.penstock.datasets.shard;
