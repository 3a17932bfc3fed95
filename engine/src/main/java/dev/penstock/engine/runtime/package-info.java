/** Executes one rank's actions: the forward and backward pass of its stages, buffers, timeline. */
package dev.penstock.engine.runtime;
