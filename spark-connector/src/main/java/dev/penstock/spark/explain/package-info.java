/** What a run is expected to be, told before it starts; reads a model's config.json alone. */
package dev.penstock.spark.explain;
