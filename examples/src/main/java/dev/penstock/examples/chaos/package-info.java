/** Disturbs small trainings in every way that a cluster does, and compares what comes out. */
package dev.penstock.examples.chaos;
