/** The functional API: a pipeline over any model that is given as stages. */
package dev.penstock.engine.pipeline;
