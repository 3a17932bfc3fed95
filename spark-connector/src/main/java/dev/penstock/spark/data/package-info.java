/**
 * DataFrame to ingested token shards, as a pure function of its rows, and shards to microbatches.
 */
package dev.penstock.spark.data;
