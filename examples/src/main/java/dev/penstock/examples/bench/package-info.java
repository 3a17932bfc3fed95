/** Measures the engine on a shape, without Spark; see bench/README.md. */
package dev.penstock.examples.bench;
