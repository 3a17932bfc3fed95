/** Ranks in several JVMs on CPUs: tensors over sockets, between members only. */
package dev.penstock.engine.comm.tcp;
