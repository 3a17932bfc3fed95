/** Text to fixed-length token sequences. */
package dev.penstock.datasets;
