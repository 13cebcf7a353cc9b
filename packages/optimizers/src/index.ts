import { definePlugin } from '@kindling/core';
import { adaBelief } from './adaBelief.js';
import { adadelta } from './adadelta.js';
import { adafactor } from './adafactor.js';
import { adagrad } from './adagrad.js';
import { adam } from './adam.js';
import { adamax } from './adamax.js';
import { adamw } from './adamw.js';
import { adan } from './adan.js';
import { adEMAMix } from './adEMAMix.js';
import { asgd } from './asgd.js';
import { ftrl } from './ftrl.js';
import { lamb } from './lamb.js';
import { lars } from './lars.js';
import { lbfgs } from './lbfgs.js';
import { lion } from './lion.js';
import { muon } from './muon.js';
import { nadam } from './nadam.js';
import { prodigy } from './prodigy.js';
import { radam } from './radam.js';
import { rmsprop } from './rmsprop.js';
import { rprop } from './rprop.js';
import { sam } from './sam.js';
import { scheduleFreeAdamW } from './scheduleFreeAdamW.js';
import { scheduleFreeSGD } from './scheduleFreeSGD.js';
import { sgd } from './sgd.js';
import { yogi } from './yogi.js';
import { combineOptimizers } from './combineOptimizers.js';
import { ema } from './ema.js';
import { gradScaler, type GradScaler } from './gradScaler.js';
import { skipNonFinite } from './skipNonFinite.js';
import { swa } from './swa.js';
import { clipGradNorm, type ClipGradNormOptions } from './clipGradNorm.js';
import { clipGradValue } from './clipGradValue.js';
import { chainedScheduler } from './chainedScheduler.js';
import { constantLR } from './constantLR.js';
import { cosineAnnealingLR } from './cosineAnnealingLR.js';
import { cosineAnnealingWarmRestarts, type WarmRestartsSchedule } from './cosineAnnealingWarmRestarts.js';
import { cyclicLR } from './cyclicLR.js';
import { exponentialLR } from './exponentialLR.js';
import { lambdaLR } from './lambdaLR.js';
import { linearLR } from './linearLR.js';
import { multiplicativeLR } from './multiplicativeLR.js';
import { multiStepLR } from './multiStepLR.js';
import { oneCycleLR } from './oneCycleLR.js';
import { polynomialLR } from './polynomialLR.js';
import { reduceLROnPlateau, type PlateauSchedule } from './reduceLROnPlateau.js';
import { sequentialLR } from './sequentialLR.js';
import { stepLR } from './stepLR.js';
import { swaLR } from './swaLR.js';

export type { LrLambda } from './common/lrLambda.js';
export type { PlateauSchedule, WarmRestartsSchedule };
export type { ClipGradNormOptions, GradScaler };
export {
  adaBelief,
  adadelta,
  adafactor,
  adagrad,
  adam,
  adamax,
  adamw,
  adan,
  adEMAMix,
  asgd,
  ftrl,
  lamb,
  lars,
  lbfgs,
  lion,
  muon,
  nadam,
  prodigy,
  radam,
  rmsprop,
  rprop,
  sam,
  scheduleFreeAdamW,
  scheduleFreeSGD,
  sgd,
  yogi,
  combineOptimizers,
  ema,
  gradScaler,
  skipNonFinite,
  swa,
  clipGradNorm,
  clipGradValue,
  chainedScheduler,
  constantLR,
  cosineAnnealingLR,
  cosineAnnealingWarmRestarts,
  cyclicLR,
  exponentialLR,
  lambdaLR,
  linearLR,
  multiplicativeLR,
  multiStepLR,
  oneCycleLR,
  polynomialLR,
  reduceLROnPlateau,
  sequentialLR,
  stepLR,
  swaLR,
};

export default /* @__PURE__ */ definePlugin({
  name: '@kindling/optimizers',
  contract: 1,
  provides: [
    sgd,
    adam,
    adamw,
    rmsprop,
    adaBelief,
    adadelta,
    adafactor,
    adagrad,
    adamax,
    adan,
    adEMAMix,
    asgd,
    ftrl,
    lamb,
    lars,
    lbfgs,
    lion,
    muon,
    nadam,
    prodigy,
    radam,
    rprop,
    sam,
    scheduleFreeAdamW,
    scheduleFreeSGD,
    yogi,
    stepLR,
    multiStepLR,
    constantLR,
    linearLR,
    exponentialLR,
    polynomialLR,
    cosineAnnealingLR,
    cosineAnnealingWarmRestarts,
    cyclicLR,
    oneCycleLR,
    reduceLROnPlateau,
    lambdaLR,
    multiplicativeLR,
    swaLR,
    chainedScheduler,
    sequentialLR,
  ],
});
