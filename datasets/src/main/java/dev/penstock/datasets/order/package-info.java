/** The order of the data: a pure function of the number of sequences, the seed and the epoch. */
package dev.penstock.datasets.order;
