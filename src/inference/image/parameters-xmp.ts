const OPEN_TAG = '<overscan:parameters>'
const CLOSE_TAG = '</overscan:parameters>'

/** XMP that holds `parameters`, for formats that have no text for it. */
export function parametersXmp(parameters: string): string {
  const escaped = parameters.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" xmlns:overscan="urn:overscan:1">${OPEN_TAG}${escaped}${CLOSE_TAG}</rdf:Description>`,
    '</rdf:RDF></x:xmpmeta>',
  ].join('')
}

/** The parameters in such XMP, or undefined. */
export function parseParametersXmp(xmp: string): string | undefined {
  const from = xmp.indexOf(OPEN_TAG)
  const to = xmp.indexOf(CLOSE_TAG, from)
  if (from < 0 || to < 0) return undefined
  const escaped = xmp.slice(from + OPEN_TAG.length, to)
  return escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
