/** Hugging Face folders of models and of adapters: their weights checked, read and written. */
package dev.penstock.engine.modelfiles;
