/** Measures the engine, fits through Spark, and what is around them; see bench/README.md. */
package dev.penstock.examples.bench;
