import { colorProperties, darkChartRules } from './palette';

/** The page's only style sheet. Printed, the page is light whatever the screen is. */
export const PAGE_STYLE = `
:root{color-scheme:light;${colorProperties('light')}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif}
main{max-width:52rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1,h2,h3{line-height:1.25;margin:0}
h1{font-size:1.6rem}
h2{font-size:1.25rem}
h3{font-size:1rem;margin:1.75rem 0 .5rem}
p{margin:.25rem 0}
a{color:inherit}
.quiet{color:var(--faint)}
.drill{margin-top:3rem;padding-top:1.5rem;border-top:1px solid var(--grid)}
.scroll{overflow-x:auto;margin:.75rem 0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9rem}
caption{text-align:left;color:var(--faint);padding-bottom:.35rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .9rem .4rem 0;border-bottom:1px solid var(--grid)}
th{font-weight:600}
thead th{color:var(--faint);font-weight:400;white-space:nowrap}
.number{text-align:right;white-space:nowrap}
.state{white-space:nowrap;font-weight:600}
.passed{color:var(--recovered)}
.failed{color:var(--fault)}
.not-judged{color:var(--faint)}
td,p,li,h1,h2{overflow-wrap:anywhere}
figure{margin:1rem 0}
.phases th:first-child{min-width:10rem}
.chart{display:block;max-width:100%;height:auto}
.chart.narrow{display:none}
figcaption{color:var(--faint);font-size:.85rem}
summary{cursor:pointer}
details{margin-top:1rem}
@media screen and (max-width:44rem){
.chart.wide{display:none}
.chart.narrow{display:block}
}
@media screen and (prefers-color-scheme:dark){
:root{color-scheme:dark;${colorProperties('dark')}}
${darkChartRules()}
}
@page{margin:15mm}
@media print{
body{font-size:11pt}
main{max-width:none;padding:0}
.drill{break-before:page;border-top:0;margin-top:0}
h2,h3{break-after:avoid}
.scroll{overflow:visible}
figure,tr{break-inside:avoid}
}
`;
