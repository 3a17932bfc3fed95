/** Rows of data sets to tokenized documents: plain text, questions and answers, conversations. */
package dev.penstock.datasets.format;
