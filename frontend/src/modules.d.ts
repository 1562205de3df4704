/** The address of a worker's bundle; build.mjs makes it, vitest understands the same spelling. */
declare module '*?worker&url' {
  const url: string;
  export default url;
}

/** A style sheet as text, minified by build.mjs; adopt it with dom/style.ts. */
declare module '*.css?inline' {
  const css: string;
  export default css;
}
