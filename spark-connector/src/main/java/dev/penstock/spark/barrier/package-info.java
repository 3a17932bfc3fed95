/** The barrier job: its preconditions, its ranks, and the first cause of its failure. */
package dev.penstock.spark.barrier;
