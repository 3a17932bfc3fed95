/** A model at work in the executors: scores the rows of a frame, continues a prompt. */
package dev.penstock.spark.score;
