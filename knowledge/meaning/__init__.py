"""What customers' words mean: the offline embedding model, its last layers taught on authored turns.

Vectors of the plain model say what texts are about; these say what is wanted. For use elsewhere:

* `MeaningReader(model).read(texts)` -> `Meanings`: a row for each text: `vectors` float32 [texts, 384] of length 1,
  log probabilities of the catalogue's situations, log odds of dangers, log probabilities of moods. One pass through
  twelve layers for what was not read lately; up to 1,024 texts are remembered. A text is a bubble, a sentence, or a whole
  turn (bubbles joined by line breaks). `vectors(texts)` gives the vectors alone.
* `MeaningReader(model, POINT_WEIGHTS)` reads single sentences; its `point_head.over(points, vectors)` gives where the points of
  a book lie, and `odds` of a sentence's vector which of them it makes. Texts that a network learnt from look better than
  they are: measure on others.

Importing `knowledge.meaning.reading` is light; torch is loaded with the first reading.
`python -m knowledge.meaning` teaches it anew. docs/decisions/reading-conversations.md tells what was measured.
"""
