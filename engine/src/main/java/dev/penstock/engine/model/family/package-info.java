/**
 * One file for each Hugging Face model family: config.json to DecoderSpec, and the names of its
 * tensors. Adapters are described by peft's adapter_config.json.
 */
package dev.penstock.engine.model.family;
