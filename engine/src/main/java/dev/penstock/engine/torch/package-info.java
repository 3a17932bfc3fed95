/**
 * The seam to JavaCPP PyTorch: devices, dtypes, threads, seeds, operators called by name, scopes.
 */
package dev.penstock.engine.torch;
