// lavapipe spends most of its time on optimising shaders that these tests run once; to be imported first
if (typeof process !== 'undefined') process.env.GALLIVM_PERF ??= 'nopt';
