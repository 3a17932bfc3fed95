/** Runnable stories, each under 150 lines, on the public API only. */
package dev.penstock.examples;
