/** Chooses the transport of a run: the only room that names the implementations. */
package dev.penstock.engine.comm.connect;
