/** Compares a model, run through a pipeline, with recorded numbers of transformers. */
package dev.penstock.engine.parity;
