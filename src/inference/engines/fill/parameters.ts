// Every tuned number of the built-in engine, once: of the TypeScript around the kernel, and of the kernel itself. Both
// compilers read this file, tsc and asc, so it holds constants only. The types are AssemblyScript's; to tsc all of them
// are `number`.
//
// Each comment says the unit, the range, what the number trades, and its source:
// - a paper;
// - "limit": it bounds time or memory, and only unusual pictures reach it;
// - "tuned": chosen by eye and by the scores of docs/fill-quality.md, on the 29 photographs of 512×512 scored there.
//
// "Score" names the score that the number is there for: sharpness, seam, distance (sliced Wasserstein), coherence,
// completeness, or time; or repeats: how often a salient object appears a second time. It is the reason for the number,
// not a measured sensitivity.
//
// Colours and grey levels are 0 to 255. A share is a fraction of 1. "Shorter side" is that of the level or picture.

// ---------- Patches ----------

/**
 * Patches are squares of 2 × radius + 1 pixels. Pixels; 0 to 3, since the kernel compares rows of at most 7 pixels.
 * Larger keeps structure together and leaves less choice. Newson et al. 2014 use 7×7. Score: coherence.
 */
export const PATCH_RADIUS: i32 = 3

/**
 * With fewer whole patches to copy from than this, smaller patches are used. Patches; 1 or more.
 * Higher gives more choice in tiny pictures, of patches that say less. Tuned. Score: none at 512×512.
 */
export const MIN_SOURCES: i32 = 64

/**
 * How far to look for a whole patch where the one that is wanted is not wholly known. Pixels; 1 or more.
 * Higher fills more of the boundary from farther away. Tuned. Score: seam.
 */
export const WHOLE_PATCH_REACH: i32 = 4

// ---------- Pyramid ----------

/**
 * The shorter side of the known part on the coarsest level, at least. Pixels; more than a patch.
 * Lower lets structure be decided more globally, with less detail to decide it by. Tuned. Score: coherence,
 * completeness.
 */
export const PYRAMID_MIN_SIDE: i32 = 32

/**
 * Levels with more pixels than this are not searched, only refined from the next coarser one. Pixels.
 * Lower is faster and copies larger regions unchanged. Limit. Score: time, sharpness of large pictures.
 */
export const SEARCH_MAX_PIXELS: i32 = 1_600_000

/**
 * The finest level is only refined if more pixels than this are to be painted. Pixels.
 * Lower is faster; but thin holes have to be searched at full size, since they vanish on a coarser level. Tuned. Score:
 * time, sharpness.
 */
export const SEARCH_MAX_PAINTED: i32 = 60_000

/**
 * A pixel of a coarser level is known if one in this many of the pixels that it stands for is. 1 to 4.
 * Lower keeps doubtful pixels out and loses thin parts. Half, as usual for mask pyramids. Score: seam.
 */
export const HALVED_KNOWN_ONE_IN: i32 = 2

/** The same where that would leave nothing known at all: any pixel is enough. 1 to 4. Limit. */
export const HALVED_KNOWN_ONE_IN_FALLBACK: i32 = 4

/**
 * Radius of the window whose roughness is a pixel's texture, as a share of the shorter side. 0 to 1.
 * Larger is steadier and less local. Newson et al. 2014 take the coarsest level's pixel size; tuned. Score: sharpness.
 */
export const TEXTURE_WINDOW_SHARE: f64 = 1 / 64

/** The same, at least. Pixels; 1 or more. Tuned. Score: sharpness. */
export const TEXTURE_WINDOW_MIN: i32 = 8

/**
 * Mean differences of luma are stored in a byte, times this. 1 to 255.
 * Higher is more exact, counts for more in the search, and saturates sooner (12: at 21 grey levels). Tuned. Score:
 * sharpness.
 */
export const TEXTURE_GAIN: f32 = 12

/**
 * Radius of the window for a pixel's mean colour, as a share of the shorter side. 0 to 1.
 * Larger follows the light of the scene, smaller its objects. Tuned. Score: distance.
 */
export const MEAN_COLOUR_WINDOW_SHARE: f64 = 1 / 24

// ---------- Search ----------

/**
 * How often a level is searched and repainted, from the coarsest on; the last number is for all finer levels. Rounds; 1
 * or more. More converges further and takes longer; fine levels change little. Tuned (Wexler et al. 2007 iterate until
 * little changes). Score: time, coherence.
 */
export const SEARCH_ROUNDS: i32[] = [14, 8, 4, 2]

/**
 * The same for a draft, which noise will hide. Rounds; 1 or more. More converges further and takes longer. A draft also leaves block moves out,
 * and its regions move in the last round only. Tuned: on four photos the search took 264 ms instead of 725 ms; of the scores only completeness
 * was worse (7.5 instead of 7.2). Score: time.
 */
export const DRAFT_SEARCH_ROUNDS: i32[] = [4, 2, 1, 1]

/**
 * Radius of the random search, on all levels but the coarsest, which is searched whole. Pixels; 1 or more.
 * Larger finds better matches and takes longer, by its logarithm. Barnes et al. 2009 search the whole picture; tuned.
 * Score: time.
 */
export const SEARCH_REACH: i32 = 16

/**
 * In this share of the coarsest level's rounds all votes count nearly the same, so that repeated patterns get into phase. 0 to
 * 1. More aligns patterns better and blurs what the level starts with. Tuned. Score: coherence.
 */
export const EVEN_VOTE_SHARE: f64 = 0.5

/**
 * How much more patches that match well count in those votes, as a factor of their cost over the mean cost in the
 * exponent. 0 (all the same) or more. Tuned. Score: coherence.
 */
export const EVEN_VOTE_SHARPNESS: f32 = 1

/**
 * The same in all other votes. 0 or more. Higher is sharper and less smooth between regions.
 * Wexler et al. 2007 take the 75th percentile of distances as σ; tuned. Score: sharpness.
 */
export const VOTE_SHARPNESS: f32 = 20

/** Votes fall off to e to the power of minus this, and no further: some vote has to count. 1 to 80. Limit. */
export const VOTE_MAX_MISFIT: f32 = 20

/**
 * By how much a vote falls off with each pixel of distance from what is known, as an exponent. 0 or more.
 * ln 1.3: Wexler et al. 2007, section 3.2. Score: seam.
 */
export const VOTE_DEPTH_FALLOFF: f32 = 0.2624

/** Votes fall off up to this distance from what is known. Pixels; 0 to 255. Higher would underflow. Limit. */
export const VOTE_MAX_DEPTH: f32 = 12

/**
 * How much more a source costs, as a share, for each of the four neighbours whose source does not adjoin it. 0 or more.
 * Higher copies larger regions, which stay sharp, with fewer choices and harder seams between them. Tuned. Score:
 * sharpness, coherence.
 */
export const INCOHERENCE_PENALTY: f32 = 0.75

/** Size of the evenly spread sample of sources for targets that find none nearby. Sources; 1 or more. Limit. */
export const FALLBACK_SOURCES: i32 = 1024

/**
 * How many random sources are tried within each distance before the distance grows. Tries; 1 or more. Tuned. Score:
 * time.
 */
export const NEARBY_TRIES: i32 = 3

// ---------- Priors: where a pixel prefers to copy from ----------

/**
 * The priors on colour and boundary, and the penalties but that of rarity, apply where more than this share of the
 * picture is to be painted. 0 to 1. Lower applies them to holes, which need their surroundings and have no room for a
 * second object. Tuned. Score: completeness, repeats.
 */
export const LARGE_AREA_SHARE: f64 = 0.2

/**
 * Cost of a source a whole picture's width to the left or right of the preferred one. Squared grey levels; 0 or more.
 * Higher keeps the scene in place and repeats its boundary; He and Sun 2012 find that offsets are mostly short. Tuned.
 * Score: distance, completeness.
 */
export const PREFERENCE_ACROSS: f32 = 1600

/**
 * The same for a whole picture's height above or below. More than across: scenes are layered. Tuned. Score: distance,
 * completeness.
 */
export const PREFERENCE_DOWN: f32 = 6400

/**
 * The same for a picture's height across a straight line that continues. Squared grey levels; 0 or more.
 * Higher keeps lines straight and leaves less choice along them. Tuned. Score: coherence.
 */
export const LINE_PREFERENCE: f32 = 128_000

/**
 * How much it counts that the mean colour is not the expected one. A factor of squared grey levels; 0 or more.
 * Higher keeps the light of the scene in place, and lets less of the scene be used. Tuned. Score: distance.
 */
export const MEAN_COLOUR_WEIGHT: f32 = 2

/**
 * How far a seed moves the preferred source across, as a share of the picture's width. 0 to 1.
 * Higher makes variations more different, and farther from the boundary that they continue. Tuned. Score: distance.
 */
export const SWAY_AMPLITUDE: f64 = 0.1

/**
 * How many waves of rising frequency and falling height make up that movement. 1 or more. Tuned: three look irregular.
 */
export const SWAY_WAVES: i32 = 3

/**
 * Cells of the grid on which those waves are given, across and down. 1 or more; fine for the frequencies of three
 * waves. Limit.
 */
export const SWAY_CELLS: i32 = 32

/**
 * Waves move a pixel fully from this distance to the known part on, as a share of the shorter side. Above 0, to 1.
 * Lower breaks what crosses the boundary, higher makes variations similar. Tuned. Score: seam.
 */
export const SWAY_FULL_FROM: f32 = 0.1

/**
 * A pixel prefers a source that is mirrored into the picture, by a random share of its distance from it up to this. 0
 * to 1. Higher shows more of the picture's inside, and its colours and objects with it. Tuned. Score: distance,
 * completeness.
 */
export const MIRROR_DEPTH: f64 = 0.1

/**
 * What makes up this share of the boundary, or more, is common; rarer things end outside. Above 0, to 1.
 * Higher ends more things, and sooner. Tuned. Score: completeness, repeats.
 */
export const BOUNDARY_COMMON_SHARE: f32 = 0.6

/**
 * How many times farther away the rarest thing at the boundary seems, beyond once. 0 (plain nearest) or more.
 * Higher closes things sooner and rounder. Tuned. Score: repeats.
 */
export const BOUNDARY_RARITY_FACTOR: f32 = 3

/**
 * Standard deviation of the colours at the boundary that count as similar. Grey levels; above 0.
 * Higher merges things with what surrounds them. Tuned. Score: repeats.
 */
export const BOUNDARY_COLOUR_SIGMA: f32 = 24

/**
 * A thing that recurs on the opposite side, at most this much higher or lower, is a layer of the scene and continues.
 * Share of the height; 0 to 1. Higher continues more things that are cut by chance on both sides. Tuned. Score:
 * repeats.
 */
export const BOUNDARY_LAYER_TOLERANCE: f32 = 1 / 8

/**
 * Of more boundary pixels than this, evenly spread ones are compared. Pixels; 1 or more. Limit: comparisons are this
 * times the level.
 */
export const BOUNDARY_MAX_SAMPLES: i32 = 1024

/**
 * Next to a salient object, a source above or below counts as this many times as far away as one to the side. 1 or
 * more. Higher keeps to the same layer of the scene. Tuned. Score: distance.
 */
export const BESIDE_SALIENT_ASPECT: f32 = 4

// ---------- Priors: straight lines that continue ----------

/**
 * Lines are detected on the finest level with at most this many pixels, or else on the coarsest. Pixels. Limit: time.
 */
export const LINE_MAX_PIXELS: i32 = 150_000

/** Size of the kernel's table of lines. 1 to 127, since a byte holds the index and a flag. Limit. */
export const LINE_TABLE_SIZE: i32 = 32

/**
 * Pixels copy along a line if they are this near to it, as a share of the shorter side. 0 to 1.
 * Higher straightens more of what surrounds a line. Tuned. Score: coherence.
 */
export const LINE_BAND_SHARE: f32 = 0.02

/** The same, at least. Pixels; 0 or more. Tuned. Score: coherence. */
export const LINE_BAND_MIN: f32 = 2

/**
 * Along a line the preferred source is inside the picture by at most this share of its continuation. 0 to 1. Tuned.
 * Score: coherence.
 */
export const LINE_MIRROR_MAX_SHARE: f32 = 1 / 4

/** Directions of the Hough transform over half a turn: one degree each. 1 or more. O'Gorman and Clowes 1976. */
export const HOUGH_DIRECTIONS: i32 = 180

/**
 * An edge pixel votes for this many directions on each side of its gradient's. Degrees; 0 or more. Covers noise of the
 * gradient. Tuned.
 */
export const HOUGH_VOTE_SPREAD: i32 = 2

/** The most lines that are detected. 1 or more. Limit. */
export const HOUGH_MAX_LINES: i32 = 24

/** Peaks that are tried for each of those lines, since not every peak meets the boundary. 1 or more. Limit. */
export const HOUGH_TRIES_PER_LINE: i32 = 3

/**
 * The gradient of an edge, at least. Grey levels by pixel; above 0. Lower finds faint lines and false ones. Tuned.
 * Score: coherence.
 */
export const EDGE_MIN_GRADIENT: f64 = 6

/**
 * An edge belongs to a line if it is at most this far from it. Pixels; above 0. Lower breaks lines, higher joins them.
 * Tuned.
 */
export const LINE_MAX_DISTANCE: f64 = 1.2

/** And if its direction differs by at most this. Degrees; 0 to 90. Tuned. */
export const LINE_MAX_TURN: f64 = 10

/**
 * A line is visible for at least this share of the shorter side. 0 to 1. Lower continues chance alignments. Tuned.
 * Score: coherence.
 */
export const LINE_MIN_LENGTH_SHARE: f64 = 0.08

/**
 * A line is checked for gaps separately where it meets the boundary, over this share of the shorter side. 0 to 1.
 * Tuned.
 */
export const LINE_END_SHARE: f64 = 0.05

/** At least this share of a line is edges, as a whole and at its end. 0 to 1. Lower continues dashed lines. Tuned. */
export const LINE_MIN_FILL: f64 = 0.6

/** A line has no longer gap than this share of the shorter side. 0 to 1. Tuned. */
export const LINE_MAX_GAP_SHARE: f64 = 0.03

/** The same, at least. Pixels; 0 or more. Tuned. */
export const LINE_MAX_GAP_MIN: f64 = 2

/**
 * Next to the boundary no edge can be measured on this many pixels. Pixels: the radius of the gradient's filter, and
 * one.
 */
export const LINE_BLIND_END: i32 = 2

/**
 * A line continues for its visible length times this. 0 or more. Higher draws longer lines from less evidence.
 * Tuned. Score: coherence.
 */
export const LINE_EXTENSION: f64 = 2

// ---------- Saliency: what should not be copied again ----------

/**
 * Penalty of what is slightly rarer than the boundary: next to nothing by itself, but it marks what other detectors may
 * penalize. Squared grey levels; above 0. Tuned. Score: repeats.
 */
export const SUSPECT_PENALTY: f32 = 1

/**
 * Penalty of a rare patch, by its distance from the patches most like it. A factor of squared grey levels; 0 or more.
 * Higher avoids repeats, and leaves out more of what the picture is made of. Tuned. Score: repeats against
 * completeness.
 */
export const RARITY_PENALTY: f32 = 3

/**
 * This share of the patches at the boundary costs nothing: they are mostly not the subject. 0 to 1.
 * Higher penalizes fewer patches. Tuned. Score: repeats against completeness.
 */
export const RARITY_FREE_SHARE: f32 = 0.96

/**
 * This share of them is not even suspected. 0 to 1, at most the share that is free. Tuned. Score: repeats against
 * completeness.
 */
export const RARITY_UNSUSPECTED_SHARE: f32 = 0.88

/**
 * Rarity is the mean distance to this many of the most similar patches. 1 or more. Goferman et al. 2010 take 64 of larger
 * pictures; tuned. Score: repeats.
 */
export const RARITY_NEIGHBOURS: i32 = 16

/**
 * How much less similar a patch counts a whole picture away: c of Goferman et al. 2010, equation 1. 0 or
 * more.
 */
export const RARITY_POSITION_WEIGHT: f32 = 3

/**
 * A distance between patches counts as at most this. Mean squared grey levels; above 0. Tuned: keeps one detector from
 * outweighing all.
 */
export const RARITY_MAX_DISTANCE: f32 = 8000

/** The most pairs of patches that are compared; of more, every n-th. Pairs. Limit: time. */
export const MAX_PATCH_COMPARISONS: f64 = 4e6

/**
 * Lower bounds of patch distances may be off by this share, by rounding of 32-bit floats. Above 2⁻²⁴ × the number of
 * terms. Limit.
 */
export const LOWER_BOUND_ROUNDING: f32 = 1e-5

/**
 * Penalty of an enclosed patch, by the square of how much its barrier is above the free ones. A factor; 0 or more.
 * Higher avoids second suns and eyes. Tuned. Score: repeats.
 */
export const ENCLOSURE_PENALTY: f32 = 30

/**
 * Barriers of up to the median barrier times this are free: texture has barriers everywhere. 1 or more. Tuned.
 * Score: repeats against completeness.
 */
export const ENCLOSURE_FREE_BARRIERS: f32 = 3.5

/** The penalty of an enclosed patch, at most. Squared grey levels; above 0. Tuned: above any other cost of a source. */
export const ENCLOSURE_MAX_PENALTY: f32 = 70_000

/**
 * What surrounds an enclosed patch is penalized as well: its fringe would be repeated instead. Pixels; 0 to the patch
 * radius. Tuned. Score: repeats.
 */
export const ENCLOSURE_FRINGE: i32 = 1

/**
 * An enclosed patch that nothing else penalizes has to be rarer than the rarest at the boundary by this factor. 1 or
 * more. Tuned. Score: repeats against completeness.
 */
export const ENCLOSURE_MIN_RARITY: f32 = 1.5

/**
 * Paths that start at a penalized patch start with a barrier, whose square is this share of the penalty. 0 or more.
 * Tuned. Score: repeats.
 */
export const ENCLOSURE_START_SHARE: f32 = 1 / 3

/**
 * Penalty of a salient object, by its distance from all patches at the boundary. A factor of squared grey levels; 0 or
 * more. Higher avoids repeats of large objects, such as a phone or a cup. Tuned. Score: repeats against completeness.
 */
export const OBJECT_PENALTY: f32 = 2

/**
 * This share of the patches at the boundary is as unlike the others there as is usual, and free. 0 to 1. Tuned. Score:
 * repeats against completeness.
 */
export const OBJECT_FREE_SHARE: f32 = 0.85

/**
 * What is usual is at most the median times this: a bright thing at the boundary is still unusual. 1 or more. Tuned.
 * Score: repeats.
 */
export const OBJECT_MEDIAN_LIMIT: f32 = 4

/**
 * Neighbouring colours that differ by less are one texture, without an edge. Grey levels; 0 or more. Tuned. Score:
 * repeats.
 */
export const OBJECT_TEXTURE_STEP: f32 = 8

/**
 * σ_clr of Zhu et al. 2014, equation 2: how long geodesic paths within one region are. Grey levels; above 0.
 * Higher makes regions larger. The paper has 10 in Lab, for superpixels; tuned. Score: repeats.
 */
export const OBJECT_GEODESIC_SIGMA: f32 = 25

/** Paths longer than this, in σ_clr, are not followed: they count for less than e⁻⁸. 1 or more. Limit. */
export const OBJECT_GEODESIC_CUTOFF: f32 = 4

/**
 * σ_bndCon of Zhu et al. 2014, equation 4: the boundary connectivity of the background. Above 0. The paper has 1.
 * Score: repeats.
 */
export const OBJECT_CONNECTIVITY_SIGMA: f32 = 1

/** A patch shows an object that is this near to its middle. Pixels; 0 to the patch radius. Tuned. Score: repeats. */
export const OBJECT_PATCH_REACH: i32 = 2

/**
 * The distance from the boundary's patches is the mean over this many of the most similar. 1 to RARITY_NEIGHBOURS. Few:
 * objects are large, and resemble themselves. Tuned.
 */
export const OBJECT_NEIGHBOURS: i32 = 4

/** Lower penalties are none. Squared grey levels; 0 or more. Tuned. Score: completeness. */
export const OBJECT_MIN_PENALTY: f32 = 5

/**
 * The most pairs of pixels between which paths are found; of more, paths start at every n-th pixel. Pairs. Limit: time.
 */
export const OBJECT_MAX_PATHS: f64 = 1e6

// ---------- Labeling: moves of whole regions and blocks ----------

/**
 * What a seam's difference counts for, compared with a patch's cost. A factor; 0 or more. Higher avoids visible seams.
 * Tuned. Score: seam, coherence.
 */
export const SEAM_WEIGHT: f32 = 160

/**
 * Gradients of this square hide half of a seam (Kwatra et al. 2003, equation 2, divide by gradients alone). Squared
 * grey levels; above 0. Lower moves seams into texture, and prefers rough sources. Tuned. Score: seam.
 */
export const SEAM_HALF_MASKING: f32 = 1500

/**
 * What each pixel of seam costs, whatever it shows. Squared grey levels; 0 or more. Higher: fewer, larger regions.
 * Tuned. Score: coherence.
 */
export const SEAM_BASE_COST: f32 = 1000

/** Regions of up to this size are moved first. Pixels; 1 or more. Tuned. Score: coherence. */
export const REGION_MIN_SIZE: i32 = 8

/** And of up to this size last. Pixels. Higher merges more and takes longer. Tuned. Score: coherence, time. */
export const REGION_MAX_SIZE: i32 = 2048

/** From one size limit to the next. A factor; 2 or more. Tuned. Score: time. */
export const REGION_SIZE_FACTOR: i32 = 4

/** The most neighbours of a region that are counted. 1 or more. Limit. */
export const REGION_MAX_NEIGHBOURS: i32 = 24

/**
 * The most of them that are tried, those with the longest common border first. 1 to REGION_MAX_NEIGHBOURS. Tuned.
 * Score: time.
 */
export const REGION_MAX_TRIES: i32 = 6

/**
 * Block moves end the search on the coarsest levels, this many. Levels; 0 or more. Finer levels keep what was decided.
 * Tuned. Score: time.
 */
export const BLOCK_LEVELS: i32 = 2

/**
 * Block moves tried for each pixel to be painted. 0 or more. More finds cheaper seams and takes longer. Tuned. Score:
 * coherence, time.
 */
export const BLOCK_TRIES_PER_PIXEL: f32 = 10

/**
 * A block reaches at most this far from its middle, as a share of the shorter side. 0 to 1. Larger moves are accepted
 * less often. Tuned. Score: coherence.
 */
export const BLOCK_REACH_SHARE: f64 = 1 / 12

/** Half of the offsets are taken from within that reach times this. A factor; 1 or more. Tuned. Score: coherence. */
export const BLOCK_OFFSET_REACH: i32 = 2

/**
 * Seams to known pixels count more by this factor: they are all on one line, where clouds would be cut off. 1 or
 * more. Tuned. Score: seam.
 */
export const BLOCK_KNOWN_SEAM_WEIGHT: f32 = 4

// ---------- Poisson blending ----------

/**
 * Colours drift at most this far from a seam, as a share of the shorter side. 0 to 1. Higher hides tone steps and
 * changes more of what was copied. Tuned. Score: seam.
 */
export const POISSON_DRIFT_SHARE: f64 = 1 / 32

/** The same, at least. Pixels; 1 or more. Tuned. Score: seam. */
export const POISSON_DRIFT_MIN: f64 = 8

/**
 * Sweeps of the solver over a whole level. 1 or more. More converges further and takes longer. Tuned. Score: seam,
 * time.
 */
export const POISSON_SWEEPS: i32 = 90

/** The same where a coarser solution is the start. Tuned. Score: seam, time. */
export const POISSON_REFINE_SWEEPS: i32 = 10

/**
 * Factor of the over-relaxation. 1 to below 2. Higher is faster over long distances, and unstable near 2. Young 1954;
 * tuned. Score: time.
 */
export const POISSON_OVER_RELAXATION: f32 = 1.9

/** The same where a coarser solution is the start: only short distances remain. Tuned. Score: time. */
export const POISSON_REFINE_OVER_RELAXATION: f32 = 1.5

/**
 * Large pictures are blended in strips of this height. Rows; 1 or more. Limit: memory, 16 bytes for each pixel of a
 * strip.
 */
export const POISSON_STRIP_ROWS: i32 = 128

/**
 * This many more rows on both sides are solved and then discarded. Rows; about as far as the refining sweeps
 * reach. Limit.
 */
export const POISSON_STRIP_OVERLAP: i32 = 12

/**
 * What the squared roughness of a source adds to ε, since rough sources hide a step. 0 or more, by squared units of
 * TEXTURE_GAIN. Higher keeps rough sources as they are. Tuned. Score: seam, sharpness.
 */
export const POISSON_ROUGHNESS_WEIGHT: f32 = 0.0003

/**
 * As much roughness as this share of the known picture has at most is only grain, which hides nothing. 0 to 1.
 * Higher takes texture for grain. Tuned. Score: seam.
 */
export const POISSON_GRAIN_QUANTILE: f32 = 0.05

/**
 * Grain differs from place to place by up to this factor. 1 or more. Tuned by eye on the sky of the sample
 * picture; on four rough photos no score changes by more than 1%. Score: seam.
 */
export const POISSON_GRAIN_VARIATION: f32 = 1.2

/**
 * Grain is at least this. TEXTURE_GAIN × grey levels, across and down together; 0 or more. Tuned: smooth pictures are blended
 * with it; the sample pictures have 52 to 57 at full size. Score: seam.
 */
export const POISSON_GRAIN_MIN: f32 = 40

/** And at most this, since some pictures are texture all over. The same unit. Tuned. Score: seam. */
export const POISSON_GRAIN_MAX: f32 = 100

/**
 * How much more a pixel is held to the known one next to it than to its other neighbours. A factor; 0 or more. Tuned.
 * Score: seam.
 */
export const BORDER_WEIGHT: f32 = 20

/**
 * How far that correction reaches inward. Pixels; above 0. Higher draws out the grain of the border into streaks.
 * Tuned. Score: seam.
 */
export const BORDER_REACH: f32 = 2

/** Sweeps for that correction. 1 or more; several times the reach. Tuned. Score: time. */
export const BORDER_SWEEPS: i32 = 12

// ---------- Diffusion-based inpainting (fill:pde), Bornemann and März 2007 ----------

/**
 * ε of the paper: radius of the pixels that are averaged. Pixels; 1 or more. Larger is smoother. The paper has 5.
 * Score: PSNR on scratches.
 */
export const PDE_RADIUS: i32 = 5

/**
 * κ of the paper: how much more pixels along an edge count. 0 or more. Higher follows edges more strictly. The paper
 * has 25. Score: PSNR on scratches.
 */
export const PDE_SHARPNESS: f64 = 25

/** σ of the paper: smoothing before the gradient. Pixels; above 0. The paper has 1.4. Score: PSNR on scratches. */
export const PDE_SIGMA: f64 = 1.4

/** That Gaussian is cut off at this distance: nearly 3 σ. Pixels; 1 or more. Limit. */
export const PDE_SIGMA_REACH: i32 = 4

/**
 * δ_quant of the paper: below this difference of the structure tensor's eigenvalues nothing has a direction. Squared
 * grey levels; above 0. The paper has 1. Score: PSNR on scratches.
 */
export const PDE_MIN_COHERENCE: f64 = 1

/** Progress is reported each time this many pixels are painted. 1 or more. Limit. */
export const PDE_PROGRESS_PIXELS: i32 = 4096

/**
 * Grain is copied in squares of this side. Pixels; 1 or more. Smaller repeats less and breaks coarse grain. Tuned.
 * Score: grain's deviation.
 */
export const GRAIN_SQUARE: i32 = 8

/** From at most this far away. Pixels; 1 or more. Tuned. Score: grain's deviation. */
export const GRAIN_REACH: i32 = 24

/** How often another offset is tried where a square's grain is not known. 1 or more. Limit. */
export const GRAIN_TRIES: i32 = 4

/**
 * Grain is limited to its median times this: the rest are details. A factor; 1 or more. Tuned. Score: grain's
 * deviation.
 */
export const GRAIN_MEDIAN_LIMIT: f64 = 2

// ---------- Threads ----------

/** What painting takes in a thread. Bytes by pixel. Measured on large pictures, rounded up. */
export const THREAD_BYTES_PER_PIXEL: i32 = 40

/**
 * All threads of a request take at most this. Bytes. Higher paints large variations faster and may run out of memory.
 * Limit.
 */
export const THREADS_MAX_BYTES: f64 = 1e9

/**
 * Idle threads end after this. Milliseconds. Longer than most jobs take on a GPU, so that the next one of a queue finds them: in a new thread
 * the first picture takes 0.3 s longer. They free their memory before. Limit.
 */
export const THREAD_IDLE_MS: i32 = 120_000
