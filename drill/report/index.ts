export type { DrillMark, DrillResult, DrillSample, DrillVerdict } from './drill-result';
export { type ReportJsonOptions, reportJson } from './report-json';
export { reportPage } from './report-page';
export { type SummaryOptions, summaryText } from './summary-text';
export { timelineSvg } from './timeline-svg';
