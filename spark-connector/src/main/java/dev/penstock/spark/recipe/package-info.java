/**
 * Recipes: YAML files and dotted overrides, read as NeMo AutoModel reads them, and every key of
 * them accounted for.
 */
package dev.penstock.spark.recipe;
