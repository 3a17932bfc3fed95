/** Makes the Python wheel: the modules that follow from the stages' Params, and the archive. */
package dev.penstock.python;
