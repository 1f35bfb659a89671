"""A plain NumPy evaluation of detections by the published rules of COCO, written to be read, not to be fast.

truth: rows (image, class, area, 1 for crowds, 2 for what else does not count); found: rows (image, class, area, score), in the order in which they were given.
overlap(found_rows, truth_rows) gives the matrix of overlaps of some rows of one class in one image, found down, truth across,
crowds already treated (intersection over the area of what was found).
"""
import numpy as np

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
AREAS = [(0, 1e10), (0, 32 ** 2), (32 ** 2, 96 ** 2), (96 ** 2, 1e10)]
LIMITS = [1, 10, 100]


def box_overlap(found_boxes, truth_boxes, crowd):
    """Overlaps of boxes (x1, y1, x2, y2), every found one with every true one."""
    f, t = found_boxes[:, None], truth_boxes[None]
    width = np.maximum(np.minimum(f[..., 2], t[..., 2]) - np.maximum(f[..., 0], t[..., 0]), 0)
    height = np.maximum(np.minimum(f[..., 3], t[..., 3]) - np.maximum(f[..., 1], t[..., 1]), 0)
    inner = width * height
    own = (f[..., 2] - f[..., 0]) * (f[..., 3] - f[..., 1])
    other = (t[..., 2] - t[..., 0]) * (t[..., 3] - t[..., 1])
    return inner / np.where(crowd[None] > 0, own, own + other - inner)


def mask_overlap(found_masks, truth_masks, crowd):
    """Overlaps of masks given as flat arrays of 0 and 1."""
    result = np.zeros((len(found_masks), len(truth_masks)))
    for i, f in enumerate(found_masks):
        for j, t in enumerate(truth_masks):
            inner = np.count_nonzero(f & t)
            outer = np.count_nonzero(f) if crowd[j] else np.count_nonzero(f | t)
            result[i, j] = inner / outer if outer else 0
    return result


def decode(counts):
    """A mask from its run lengths, the first of zeros."""
    return np.repeat(np.arange(len(counts)) % 2, counts).astype(bool)


def match(found, truth, overlaps, span):
    """What becomes of the detections of one class in one image, best first: right and not counted, threshold by detection."""
    ignored = np.array([crowd or area < span[0] or area > span[1] for _, _, area, crowd in truth], bool)
    order = np.argsort(ignored, kind='mergesort')
    right = np.zeros((len(THRESHOLDS), len(found)), bool)
    skipped = np.zeros((len(THRESHOLDS), len(found)), bool)
    for k, threshold in enumerate(THRESHOLDS):
        taken = np.zeros(len(truth), bool)
        for d in range(len(found)):
            best, choice = min(threshold, 1 - 1e-10), None
            for g in order:
                if taken[g] and truth[g][3] != 1:
                    continue
                if choice is not None and not ignored[choice] and ignored[g]:
                    break
                if overlaps[d, g] >= best:
                    best, choice = overlaps[d, g], g
            if choice is None:
                skipped[k, d] = found[d][2] < span[0] or found[d][2] > span[1]
            else:
                taken[choice] = True
                right[k, d] = not ignored[choice]
                skipped[k, d] = ignored[choice]
    return right, skipped, np.count_nonzero(~ignored)


def rows_by_image_and_class(rows):
    """The numbers of the rows of every image and class."""
    groups = {}
    for number, (image, label) in enumerate(rows[:, :2].astype(int)):
        groups.setdefault((image, label), []).append(number)
    return groups


def tables(truth, found, overlap, classes, images, limits):
    """Precision by recall, threshold, class, area and limit, and recall by the latter four; -1 where nothing counts."""
    true_rows, found_rows = rows_by_image_and_class(truth), rows_by_image_and_class(found)
    shape = (len(THRESHOLDS), classes, len(AREAS), len(limits))
    precision, recall = -np.ones((len(RECALLS),) + shape), -np.ones(shape)
    for c in range(classes):
        parts = []
        for image in range(images):
            t = np.array(true_rows.get((image, c), []), int)
            f = np.array(found_rows.get((image, c), []), int)
            f = f[np.argsort(-found[f, 3], kind='mergesort')][:limits[-1]]
            if len(t) or len(f):
                parts.append((found[f], truth[t], overlap(f, t)))
        for a, span in enumerate(AREAS):
            matched = [match(f, t, o, span) for f, t, o in parts]
            positives = sum(m[2] for m in matched)
            if positives == 0:
                continue
            for l, limit in enumerate(limits):
                scores = np.concatenate([f[:limit, 3] for f, _, _ in parts])
                order = np.argsort(-scores, kind='mergesort')
                right = np.concatenate([m[0][:, :limit] for m in matched], axis=1)[:, order]
                skipped = np.concatenate([m[1][:, :limit] for m in matched], axis=1)[:, order]
                for k in range(len(THRESHOLDS)):
                    hits = np.cumsum(right[k] & ~skipped[k]).astype(float)
                    misses = np.cumsum(~right[k] & ~skipped[k]).astype(float)
                    reached = hits / positives
                    exact = hits / (misses + hits + np.spacing(1))
                    exact = np.maximum.accumulate(exact[::-1])[::-1]
                    at = np.searchsorted(reached, RECALLS, side='left')
                    recall[k, c, a, l] = reached[-1] if len(reached) else 0
                    precision[:, k, c, a, l] = [exact[i] if i < len(exact) else 0 for i in at]

    return precision, recall


def mean(values):
    values = values[values > -1]
    return values.mean() if values.size else -1.0


def keypoint_overlap(found_points, truth_points, boxes, areas, spreads):
    """Object keypoint similarity of points (x, y) and (x, y, visibility), every found object with every true one."""
    result = np.zeros((len(found_points), len(truth_points)))
    for i, f in enumerate(found_points):
        for j, (t, (x1, y1, x2, y2), area) in enumerate(zip(truth_points, boxes, areas)):
            seen = t[:, 2] > 0
            if seen.any():
                dx, dy = (f - t[:, :2]).T
            else:
                w, h = x2 - x1, y2 - y1
                dx = np.maximum(0, x1 - w - f[:, 0]) + np.maximum(0, f[:, 0] - x2 - w)
                dy = np.maximum(0, y1 - h - f[:, 1]) + np.maximum(0, f[:, 1] - y2 - h)
                seen = np.ones(len(f), bool)
            result[i, j] = np.exp(-(dx ** 2 + dy ** 2) / (2 * spreads) ** 2 / (area + np.spacing(1)) / 2)[seen].mean()
    return result


def evaluate_keypoints(truth, found, overlap, classes, images):
    """The ten figures of keypoints; -1 where nothing counts."""
    precision, recall = tables(truth, found, overlap, classes, images, [20])
    return np.array(
        [mean(precision[:, :, :, 0, 0]), mean(precision[:, 0, :, 0, 0]), mean(precision[:, 5, :, 0, 0]), mean(precision[:, :, :, 2, 0]), mean(precision[:, :, :, 3, 0])]
        + [mean(recall[:, :, 0, 0]), mean(recall[0, :, 0, 0]), mean(recall[5, :, 0, 0]), mean(recall[:, :, 2, 0]), mean(recall[:, :, 3, 0])])


def evaluate(truth, found, overlap, classes, images):
    """The twelve figures; -1 where nothing counts."""
    precision, recall = tables(truth, found, overlap, classes, images, LIMITS)
    return np.array(
        [mean(precision[:, :, :, 0, 2]), mean(precision[:, 0, :, 0, 2]), mean(precision[:, 5, :, 0, 2])]
        + [mean(precision[:, :, :, a, 2]) for a in (1, 2, 3)]
        + [mean(recall[:, :, 0, l]) for l in (0, 1, 2)]
        + [mean(recall[:, :, a, 2]) for a in (1, 2, 3)])
