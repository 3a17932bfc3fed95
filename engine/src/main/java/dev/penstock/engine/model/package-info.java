/** The parts of a decoder, and the stage module that is built from them. */
package dev.penstock.engine.model;
