/** What a run will be before it is: cut, schedule, memory, steps. Loads no native library. */
package dev.penstock.engine.plan;
