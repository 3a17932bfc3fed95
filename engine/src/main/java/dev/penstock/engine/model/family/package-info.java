/**
 * One file for each Hugging Face model family: config.json to DecoderSpec, and the names of its
 * tensors.
 */
package dev.penstock.engine.model.family;
