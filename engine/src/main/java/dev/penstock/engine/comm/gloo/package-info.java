/** Ranks in several JVMs on CPUs, over the ProcessGroupGloo of the PyTorch presets. */
package dev.penstock.engine.comm.gloo;
