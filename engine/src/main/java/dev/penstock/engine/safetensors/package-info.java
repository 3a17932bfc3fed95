/** The safetensors file format: header, tensor views, sharded index. Safe against hostile input. */
package dev.penstock.engine.safetensors;
