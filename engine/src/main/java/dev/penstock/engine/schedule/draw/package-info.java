/** Pictures of schedules, planned and measured: text, SVG, PNG and Chrome traces. Pure Java. */
package dev.penstock.engine.schedule.draw;
