/** How ranks exchange tensors: the Transport and Rendezvous interfaces, and rank arithmetic. */
package dev.penstock.engine.comm;
