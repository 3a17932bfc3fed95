/** Ranks that are threads of one JVM: the tensor itself is handed over, nothing is copied. */
package dev.penstock.engine.comm.loopback;
