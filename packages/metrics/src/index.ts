import { definePlugin } from '@kindling/core';
import { accuracy } from './accuracy.js';
import { averagePrecision } from './averagePrecision.js';
import { balancedAccuracy } from './balancedAccuracy.js';
import { brierScore } from './brierScore.js';
import { calibrationError } from './calibrationError.js';
import { classificationReport } from './classificationReport.js';
import { cohenKappa } from './cohenKappa.js';
import { concordanceCorrCoef } from './concordanceCorrCoef.js';
import { confusionMatrix } from './confusionMatrix.js';
import { coverageError } from './coverageError.js';
import { diceScore } from './diceScore.js';
import { equalErrorRate } from './equalErrorRate.js';
import { explainedVariance } from './explainedVariance.js';
import { f1 } from './f1.js';
import { fBeta } from './fBeta.js';
import { hammingLoss } from './hammingLoss.js';
import { iou } from './iou.js';
import { kendallRankCorrCoef } from './kendallRankCorrCoef.js';
import { labelRankingAveragePrecision } from './labelRankingAveragePrecision.js';
import { labelRankingLoss } from './labelRankingLoss.js';
import { logCoshError } from './logCoshError.js';
import { logLoss } from './logLoss.js';
import { mae } from './mae.js';
import { mape } from './mape.js';
import { matthewsCorrCoef } from './matthewsCorrCoef.js';
import { maxError } from './maxError.js';
import { meanCosineSimilarity } from './meanCosineSimilarity.js';
import { medianAbsoluteError } from './medianAbsoluteError.js';
import { mse } from './mse.js';
import { msle } from './msle.js';
import { multilabelConfusionMatrix } from './multilabelConfusionMatrix.js';
import { negativePredictiveValue } from './negativePredictiveValue.js';
import { pearsonCorrCoef } from './pearsonCorrCoef.js';
import { perplexity } from './perplexity.js';
import { pinball } from './pinball.js';
import { precision } from './precision.js';
import { precisionAtRecall } from './precisionAtRecall.js';
import { precisionRecallCurve } from './precisionRecallCurve.js';
import { r2 } from './r2.js';
import { recall } from './recall.js';
import { recallAtPrecision } from './recallAtPrecision.js';
import { rmse } from './rmse.js';
import { rocAuc } from './rocAuc.js';
import { rocCurve } from './rocCurve.js';
import { sensitivityAtSpecificity } from './sensitivityAtSpecificity.js';
import { smape } from './smape.js';
import { spearmanCorrCoef } from './spearmanCorrCoef.js';
import { specificity } from './specificity.js';
import { specificityAtSensitivity } from './specificityAtSensitivity.js';
import { topKAccuracy } from './topKAccuracy.js';
import { tweedieDeviance } from './tweedieDeviance.js';
import { wmape } from './wmape.js';

export type { Metric } from '@kindling/core';
export type { ClassificationScores } from './classificationReport.js';
export type { PrecisionRecallCurve } from './precisionRecallCurve.js';
export type { RocCurve } from './rocCurve.js';
export {
  accuracy,
  averagePrecision,
  balancedAccuracy,
  brierScore,
  calibrationError,
  classificationReport,
  cohenKappa,
  concordanceCorrCoef,
  confusionMatrix,
  coverageError,
  diceScore,
  equalErrorRate,
  explainedVariance,
  f1,
  fBeta,
  hammingLoss,
  iou,
  kendallRankCorrCoef,
  labelRankingAveragePrecision,
  labelRankingLoss,
  logCoshError,
  logLoss,
  mae,
  mape,
  matthewsCorrCoef,
  maxError,
  meanCosineSimilarity,
  medianAbsoluteError,
  mse,
  msle,
  multilabelConfusionMatrix,
  negativePredictiveValue,
  pearsonCorrCoef,
  perplexity,
  pinball,
  precision,
  precisionAtRecall,
  precisionRecallCurve,
  r2,
  recall,
  recallAtPrecision,
  rmse,
  rocAuc,
  rocCurve,
  sensitivityAtSpecificity,
  smape,
  spearmanCorrCoef,
  specificity,
  specificityAtSensitivity,
  topKAccuracy,
  tweedieDeviance,
  wmape,
};

export default /* @__PURE__ */ definePlugin({
  name: '@kindling/metrics',
  contract: 1,
  provides: [
    accuracy,
    topKAccuracy,
    balancedAccuracy,
    precision,
    recall,
    specificity,
    negativePredictiveValue,
    f1,
    fBeta,
    iou,
    diceScore,
    hammingLoss,
    matthewsCorrCoef,
    cohenKappa,
    confusionMatrix,
    multilabelConfusionMatrix,
    classificationReport,
    rocAuc,
    rocCurve,
    averagePrecision,
    precisionRecallCurve,
    precisionAtRecall,
    recallAtPrecision,
    sensitivityAtSpecificity,
    specificityAtSensitivity,
    equalErrorRate,
    logLoss,
    perplexity,
    brierScore,
    calibrationError,
    coverageError,
    labelRankingAveragePrecision,
    labelRankingLoss,
    mae,
    mse,
    rmse,
    r2,
    explainedVariance,
    medianAbsoluteError,
    maxError,
    mape,
    smape,
    wmape,
    msle,
    logCoshError,
    pinball,
    tweedieDeviance,
    pearsonCorrCoef,
    spearmanCorrCoef,
    kendallRankCorrCoef,
    concordanceCorrCoef,
    meanCosineSimilarity,
  ],
});
