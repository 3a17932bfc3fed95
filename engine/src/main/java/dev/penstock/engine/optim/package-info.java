/** AdamW, learning rate schedules, and clipping by the norm over all ranks. */
package dev.penstock.engine.optim;
