/**
 * The part of a changelog about one version.
 *
 * @param changelog in the format of Keep a Changelog: a heading like `## 0.1.0 - 2026-12-01` or `## [0.1.0] - 2026-12-01`
 * @param tag the version, with or without a `v` in front
 * @throws Error if the changelog has no such version, or says nothing about it
 */
export function releaseNotes(changelog: string, tag: string): string {
  const version = tag.replace(/^v/, '')
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find(text => /^\[?([^\]\s]+)/.exec(text)?.[1] === version)
  const notes = section?.slice(section.indexOf('\n')).trim()
  if (!notes)
    throw new Error(
      `CHANGELOG.md says nothing about ${version}. Write a section “## ${version}” before you set the tag.`,
    )
  return notes
}
