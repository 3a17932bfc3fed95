/** The records a run is made of, each validated once, where it is made. Pure Java. */
package dev.penstock.engine.config;
