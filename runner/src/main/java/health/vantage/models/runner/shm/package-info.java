/**
 * System shared memory as Triton's clients use it: a client registers a file of {@code /dev/shm} under a name and then sends that name
 * instead of bytes. {@code RegionFolder} finds the file and nothing outside its folder, {@code SharedRegion} is one mapping that
 * lives as long as anybody uses it, {@code SharedRegions} knows them by name, {@code SharedSlice} is the part that one tensor takes.
 */
package health.vantage.models.runner.shm;
