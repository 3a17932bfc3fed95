/** Which modules of a model each pipeline stage owns. Pure Java. */
package dev.penstock.engine.split;
