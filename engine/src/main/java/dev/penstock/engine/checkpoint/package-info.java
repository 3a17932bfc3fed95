/**
 * The state of a run on storage: slices of named global tensors, in files that a manifest commits.
 */
package dev.penstock.engine.checkpoint;
