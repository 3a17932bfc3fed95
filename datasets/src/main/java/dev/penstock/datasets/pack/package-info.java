/** Tokenized documents of any length to sequences of one length; every token accounted for. */
package dev.penstock.datasets.pack;
