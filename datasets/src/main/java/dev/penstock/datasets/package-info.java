/** Text to fixed-length token sequences: format, tokenize, pack, store in shards, read in order. */
package dev.penstock.datasets;
