/** A whole model on one device: scores texts and continues them. */
package dev.penstock.engine.inference;
